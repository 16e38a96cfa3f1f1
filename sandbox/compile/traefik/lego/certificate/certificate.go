package certificate

import (
	"context"
	"crypto"

	"github.com/go-acme/lego/v5/acme"
	"github.com/go-acme/lego/v5/certcrypto"
)

type Resource struct {
	ID          string
	Domains     []string
	PrivateKey  []byte
	Certificate []byte
}

type ObtainRequest struct {
	Domains        []string
	EmailAddresses []string
	PrivateKey     crypto.Signer
	KeyType        certcrypto.KeyType
	Bundle         bool
	PreferredChain string
	Profile        string
	MustStaple     bool

	EnableCommonName bool
}

type RenewOptions struct {
	EmailAddresses []string
	Bundle         bool
	PreferredChain string
	Profile        string

	EnableCommonName bool
}

type Certifier struct{}

func (*Certifier) Obtain(context.Context, ObtainRequest) (*Resource, error) {
	return nil, acme.ErrLeftOut
}

func (*Certifier) Renew(context.Context, Resource, *RenewOptions) (*Resource, error) {
	return nil, acme.ErrLeftOut
}
