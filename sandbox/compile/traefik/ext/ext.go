// Package ext declares two structs without fields. Traefik embeds them in its routes for extensions, and replaces the module by a
// folder of its own that no proxy serves.
package ext

type HTTP struct{}

type Router struct{}
