// Package java declares the one type that the docker-build plugin uses of the real package.
package java

// PackageInfo is what a plugin's schema says about its Java SDK; nothing here reads it.
type PackageInfo struct {
	BuildFiles                      string            `json:"buildFiles,omitempty"`
	GradleNexusPublishPluginVersion string            `json:"gradleNexusPublishPluginVersion,omitempty"`
	Dependencies                    map[string]string `json:"dependencies,omitempty"`
}
