package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"
)

// configFile is the file of "serve --config": what a server needs before its database opens, and nothing else. Flags and
// the environment win over it.
type configFile struct {
	Listen         string   `yaml:"listen"`
	ExternalURL    string   `yaml:"external-url"`
	Database       string   `yaml:"database"`
	RootKey        string   `yaml:"root-key"`
	TLS            tlsFiles `yaml:"tls"`
	TrustedProxies []string `yaml:"trusted-proxies"`
	Region         string   `yaml:"region"`
	ConnectListen  string   `yaml:"connect-listen"`
}

// tlsFiles are a certificate chain and its key, in PEM.
type tlsFiles struct {
	Cert string `yaml:"cert"`
	Key  string `yaml:"key"`
}

// readConfigFile reads a configuration file, every key of which has to be known.
func readConfigFile(path string) (*configFile, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, hinted(fmt.Errorf("--config: %w", err), "name a file in YAML that you may read")
	}
	c := new(configFile)
	if err := c.parse(text); err != nil {
		var p *problem
		if errors.As(err, &p) {
			return nil, misuse(p.hint, "%s: %w", path, err)
		}
		return nil, misuse("see docs/operations.md for what it may hold", "%s: %w", path, err)
	}
	return c, nil
}

func (c *configFile) parse(text []byte) error {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var document yaml.Node
	if err := decoder.Decode(&document); errors.Is(err, io.EOF) {
		return nil // empty
	} else if err != nil {
		return plainYAML(err)
	}
	var second yaml.Node
	if err := decoder.Decode(&second); !errors.Is(err, io.EOF) {
		return errors.Join(errors.New("want one document, without ---"), err)
	}
	root := document.Content[0]
	if err := checkKeys(root, reflect.TypeFor[configFile](), ""); err != nil {
		return err
	}
	return plainYAML(root.Decode(c))
}

// checkKeys finds the first key that a type has no field for.
func checkKeys(n *yaml.Node, t reflect.Type, within string) error {
	if n.Kind != yaml.MappingNode {
		return nil // Decode says what is wrong, unless it is nothing at all
	}
	known := map[string]reflect.Type{}
	var names []string
	for i := range t.NumField() {
		f := t.Field(i)
		known[f.Tag.Get("yaml")] = f.Type
		names = append(names, f.Tag.Get("yaml"))
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		inner, ok := known[key.Value]
		if !ok {
			return &problem{err: fmt.Errorf("line %d: there is no setting %q", key.Line, within+key.Value),
				hint: meant(strings.ReplaceAll(key.Value, "_", "-"), names, "want one of: "+strings.Join(names, ", "))}
		}
		if inner.Kind() == reflect.Struct {
			if err := checkKeys(value, inner, key.Value+"."); err != nil {
				return err
			}
		}
	}
	return nil
}

// plainYAML says what a decoder found wrong, in one line.
func plainYAML(err error) error {
	if err == nil {
		return nil
	}
	var wrong *yaml.TypeError
	if errors.As(err, &wrong) {
		return errors.New(strings.Join(wrong.Errors, "; "))
	}
	return errors.New(strings.TrimPrefix(err.Error(), "yaml: "))
}

// configure fills in from the configuration file what neither a flag nor the environment says, and then the defaults.
func (c *serveCmd) configure() error {
	file := new(configFile)
	if c.Config != "" {
		var err error
		if file, err = readConfigFile(c.Config); err != nil {
			return err
		}
	}
	c.Listen = cmp.Or(c.Listen, file.Listen, defaultListen)
	c.ExternalURL = cmp.Or(c.ExternalURL, file.ExternalURL)
	c.Database = cmp.Or(c.Database, file.Database)
	c.RootKey = cmp.Or(c.RootKey, file.RootKey)
	c.TLSCert = cmp.Or(c.TLSCert, file.TLS.Cert)
	c.TLSKey = cmp.Or(c.TLSKey, file.TLS.Key)
	c.Region = cmp.Or(c.Region, file.Region)
	c.ConnectListen = cmp.Or(c.ConnectListen, file.ConnectListen)
	if len(c.TrustedProxies) == 0 {
		c.TrustedProxies = file.TrustedProxies
	}
	return nil
}
