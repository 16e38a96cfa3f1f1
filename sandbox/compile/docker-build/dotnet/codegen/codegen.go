// Package codegen declares the one type that the docker-build plugin uses of the real package.
package codegen

// CSharpPackageInfo is what a plugin's schema says about its .NET SDK; nothing here reads it.
type CSharpPackageInfo struct {
	RespectSchemaVersion bool              `json:"respectSchemaVersion,omitempty"`
	PackageReferences    map[string]string `json:"packageReferences,omitempty"`
}
