// Package acme, and the packages beside it, stand in for the ACME client that Traefik is compiled with. It asks a public authority for
// certificates, through the clients of some 200 DNS providers, of which several are not served by the module proxy. In the sandbox,
// cert-manager issues all certificates. Here is what Traefik names of it; whatever would ask an authority fails.
package acme

import "errors"

var ErrLeftOut = errors.New("ACME is left out of this Traefik: certificates come from Secrets")

type Account struct{}

type ExtendedAccount struct {
	Account
	Location string
}
