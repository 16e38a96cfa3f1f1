// Takes the place of iptables-restore for kube-router.
//
// kube-router saves a table, and some time later writes the whole of it back. What others have changed in between is undone: for one,
// that kube-proxy lets requests through to a Service that has got its first pod. While pods came and went, a fifth of such changes were lost.
// This program writes kube-router's own chains by the real iptables-restore, and leaves all others as they are.
package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

var ownPrefixes = []string{"KUBE-ROUTER-", "KUBE-POD-FW-", "KUBE-NWPLCY-"}

func main() {
	if err := restore(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// Writes the rules on standard input by the program that the environment names, with the same options.
func restore() error {
	wanted, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	present, err := exec.Command("iptables-save", "-t", "filter").Output()
	if err != nil {
		return fmt.Errorf("iptables-save: %w", err)
	}
	command := exec.Command(os.Getenv("SLIPWAY_IPTABLES_RESTORE"), append(os.Args[1:], "--noflush")...)
	command.Stdin = strings.NewReader(ownPart(string(wanted), string(present)))
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	return command.Run()
}

// What of a table is kube-router's, as input for an iptables-restore that keeps what is there: it empties and fills the chains that it
// names. Chains of kube-router that are present and no longer wanted are removed.
func ownPart(wanted, present string) string {
	var chains, rules []string
	isWanted := map[string]bool{}
	for line := range strings.Lines(wanted) {
		words := strings.Fields(line)
		switch {
		case len(words) > 0 && isOwn(words[0][1:]) && words[0][0] == ':':
			isWanted[words[0][1:]] = true
			chains = append(chains, words[0]+" - [0:0]\n")
		case len(words) > 1 && isOwn(words[1]):
			rules = append(rules, line)
		}
	}
	for line := range strings.Lines(present) {
		words := strings.Fields(line)
		if len(words) == 0 || words[0][0] != ':' || !isOwn(words[0][1:]) || isWanted[words[0][1:]] {
			continue
		}
		chains = append(chains, words[0]+" - [0:0]\n")
		rules = append(rules, "-X "+words[0][1:]+"\n")
	}
	return "*filter\n" + strings.Join(chains, "") + strings.Join(rules, "") + "COMMIT\n"
}

func isOwn(chain string) bool {
	for _, prefix := range ownPrefixes {
		if strings.HasPrefix(chain, prefix) {
			return true
		}
	}
	return false
}
