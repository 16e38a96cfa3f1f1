// Package auth declares what Traefik's middlewares for passwords use of its fork of go-http-auth, which no proxy serves. The sandbox
// does not use those middlewares: behind one of them, nobody is let in.
package auth

import "net/http"

type SecretProvider func(user, realm string) string

type BasicAuth struct {
	Realm   string
	Secrets SecretProvider
}

func CheckSecret(password, secret string) bool { return false }

func (*BasicAuth) RequireAuth(w http.ResponseWriter, _ *http.Request) { refuse(w) }

type DigestAuth struct{}

func NewDigestAuthenticator(string, SecretProvider) *DigestAuth { return &DigestAuth{} }

func DigestAuthParams(string) map[string]string { return nil }

func (*DigestAuth) CheckAuth(*http.Request) (string, *string) { return "", nil }

func (*DigestAuth) RequireAuth(w http.ResponseWriter, _ *http.Request) { refuse(w) }

func (*DigestAuth) RequireAuthStale(w http.ResponseWriter, _ *http.Request) { refuse(w) }

func refuse(w http.ResponseWriter) {
	http.Error(w, "Passwords are left out of this Traefik.", http.StatusUnauthorized)
}
