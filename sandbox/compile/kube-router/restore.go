package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// kube-router reads a table, and writes all of it back some time later: what kube-proxy changed in between would be undone, such as that a
// Service has endpoints now. So it is given another iptables-restore, this program under that name, which writes its own chains alone.
const restoreName = "iptables-restore"

// Environment variables that tell that program where the real one is, and which file to touch once it has succeeded.
const (
	realVariable = "SLIPWAY_IPTABLES_RESTORE"
	doneVariable = "SLIPWAY_IPTABLES_RESTORED"
)

var ownPrefixes = []string{"KUBE-ROUTER-", "KUBE-POD-FW-", "KUBE-NWPLCY-"}

// Puts this program before the real one on the PATH.
func interceptRestore(folder string) error {
	actual, err := exec.LookPath(restoreName)
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if err := os.RemoveAll(folder); err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	os.Setenv(realVariable, actual)
	os.Setenv(doneVariable, filepath.Join(folder, "restored"))
	os.Setenv("PATH", folder+string(os.PathListSeparator)+os.Getenv("PATH"))
	return os.Symlink(self, filepath.Join(folder, restoreName))
}

// When rules were last written; long ago where they never were.
func lastRestore() time.Time {
	info, err := os.Stat(os.Getenv(doneVariable))
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

// Writes the rules on standard input, with the real program and its arguments.
func restore() error {
	wanted, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	present, err := exec.Command("iptables-save", "-t", "filter").Output()
	if err != nil {
		return fmt.Errorf("iptables-save: %w", err)
	}
	command := exec.Command(os.Getenv(realVariable), append(os.Args[1:], "--noflush")...)
	command.Stdin = strings.NewReader(ownPart(string(wanted), string(present)))
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	if err := command.Run(); err != nil {
		return err
	}
	return os.WriteFile(os.Getenv(doneVariable), nil, 0o644)
}

// What of a table is kube-router's, as input for an iptables-restore that leaves everything else alone: it empties and fills the chains
// that it names, and removes those of kube-router that the table no longer has.
func ownPart(wanted, present string) string {
	var chains, rules bytes.Buffer
	isWanted := map[string]bool{}
	for _, line := range strings.Split(wanted, "\n") {
		words := strings.Fields(line)
		switch {
		case strings.HasPrefix(line, ":") && isOwn(words[0][1:]):
			isWanted[words[0][1:]] = true
			fmt.Fprintf(&chains, "%s - [0:0]\n", words[0])
		case strings.HasPrefix(line, "-") && len(words) > 1 && isOwn(words[1]):
			rules.WriteString(line + "\n")
		}
	}
	for _, line := range strings.Split(present, "\n") {
		if !strings.HasPrefix(line, ":") {
			continue
		}
		if chain := strings.Fields(line)[0][1:]; isOwn(chain) && !isWanted[chain] {
			fmt.Fprintf(&chains, ":%s - [0:0]\n", chain)
			fmt.Fprintf(&rules, "-X %s\n", chain)
		}
	}
	return "*filter\n" + chains.String() + rules.String() + "COMMIT\n"
}

func isOwn(chain string) bool {
	for _, prefix := range ownPrefixes {
		if strings.HasPrefix(chain, prefix) {
			return true
		}
	}
	return false
}
