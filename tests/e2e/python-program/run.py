"""Runs the program of the current folder by the Automation API: up STACK, or preview STACK.

No package registry serves Pulumi's language host for Python. The Automation API does without: the engine calls the
program back in this process.
"""

import runpy
import sys

from pulumi import automation

operation, stack = sys.argv[1:]
selected = automation.create_or_select_stack(
    stack_name=stack,
    project_name="elsewhere",
    program=lambda: runpy.run_path("__main__.py"),
    opts=automation.LocalWorkspaceOptions(work_dir="."),
)
if operation == "up":
    selected.up(on_output=print)
else:
    selected.preview(on_output=print, expect_no_changes=True)
