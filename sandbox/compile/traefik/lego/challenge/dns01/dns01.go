package dns01

import (
	"strings"
	"time"
)

type Options struct {
	RecursiveNameservers []string
}

type Client struct{}

type Option struct{}

func NewClient(*Options) *Client { return &Client{} }

func SetDefaultClient(*Client) {}

func CondOptions(bool, ...Option) Option { return Option{} }

func DisableAuthoritativeNssPropagationRequirement() Option { return Option{} }

func DisableRecursiveNSsPropagationRequirement() Option { return Option{} }

func PropagationWait(time.Duration, bool) Option { return Option{} }

// UnFqdn is the one function here that Traefik also calls for certificates that are not ACME's.
func UnFqdn(name string) string { return strings.TrimSuffix(name, ".") }
