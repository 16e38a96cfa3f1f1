// CoreDNS with the plugins that the sandbox's Corefile names. The whole of it brings the clients of three clouds, which take most of
// the time to compile. What serves cluster names and forwards the rest is the official code.
package main

import (
	_ "github.com/coredns/coredns/plugin/errors"
	_ "github.com/coredns/coredns/plugin/forward"
	_ "github.com/coredns/coredns/plugin/health"
	_ "github.com/coredns/coredns/plugin/kubernetes"
	_ "github.com/coredns/coredns/plugin/ready"

	"github.com/coredns/coredns/coremain"
)

func main() {
	coremain.Run()
}
