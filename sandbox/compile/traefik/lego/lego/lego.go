package lego

import (
	"crypto/x509"
	"net/http"
	"time"

	"github.com/go-acme/lego/v5/acme"
	"github.com/go-acme/lego/v5/certificate"
	"github.com/go-acme/lego/v5/challenge"
	"github.com/go-acme/lego/v5/challenge/dns01"
	"github.com/go-acme/lego/v5/challenge/http01"
	"github.com/go-acme/lego/v5/challenge/tlsalpn01"
	"github.com/go-acme/lego/v5/registration"
)

const DirectoryURLLetsEncrypt = "https://acme-v02.api.letsencrypt.org/directory"

type Config struct {
	CADirURL    string
	UserAgent   string
	HTTPClient  *http.Client
	Certificate struct {
		Timeout             time.Duration
		OverallRequestLimit int
	}
}

func NewConfig(registration.User) *Config { return &Config{} }

type Client struct {
	Certificate  *certificate.Certifier
	Challenge    *Challenges
	Registration *registration.Registrar
}

func NewClient(*Config) (*Client, error) { return nil, acme.ErrLeftOut }

func CreateCertPool([]string, bool) (*x509.CertPool, error) { return nil, acme.ErrLeftOut }

type Challenges struct{}

func (*Challenges) SetDNS01Provider(challenge.Provider, ...dns01.Option) error {
	return acme.ErrLeftOut
}

func (*Challenges) SetHTTP01Provider(challenge.Provider, ...http01.Option) error {
	return acme.ErrLeftOut
}

func (*Challenges) SetTLSALPN01Provider(challenge.Provider, ...tlsalpn01.Option) error {
	return acme.ErrLeftOut
}
