"""The statements of the release before this one (schema revision 0001), kept as they were.

While a rollout runs, and after a rollback, that release works on today's schema. When a new revision is added, these
become the statements of the release before that.
"""

ADD = "INSERT INTO messages (text) VALUES (%(text)s) RETURNING id, text, created_at"
READ = "SELECT id, text, created_at FROM messages ORDER BY id DESC LIMIT %(limit)s"
