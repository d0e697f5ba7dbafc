// Package managed holds the policies that AWS manages: names, dates and the document of the default version.
//
// The data is policies.bin, made by the program in gen from moto/iam/aws_managed_policies.py of moto 5.2.1
// (https://github.com/getmoto/moto, Copyright the Moto authors, Apache License 2.0), which reads AWS's own answers. The
// documents are AWS's in meaning, and printed canonically (policy.Document.String). The file says its source in its first
// line.
//
// An idle server must not pay for what nobody asked: the data stays compressed in the binary. Names and dates (a quarter of a
// megabyte) are unpacked on first use and kept; a document is unpacked whenever it is read, with the few dozen that share its
// chunk, so callers compile what they need and keep that.
package managed

import (
	"bytes"
	"compress/flate"
	_ "embed"
	"encoding/binary"
	"fmt"
	"io"
	"iter"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"
)

//go:generate go run ./gen -in aws_managed_policies.py -source "moto 5.2.1" -out policies.bin

// Prefix begins the ARN of every policy that AWS manages.
const Prefix = "arn:aws:iam::aws:policy"

// Policy is one policy managed by AWS.
type Policy struct {
	ARN              string
	Name             string
	Path             string
	DefaultVersionID string
	CreateDate       time.Time
	UpdateDate       time.Time // when the default version was made

	chunk, offset, size int // where its document is
}

// Attachable reports whether customers may attach the policy: those of service-linked roles and of root tasks they may not.
func (p Policy) Attachable() bool { return p.Path != "/aws-service-role/" && p.Path != "/root-task/" }

// ByARN returns the policy with this ARN.
func ByARN(arn string) (Policy, bool) {
	all := catalog().policies
	i := sort.Search(len(all), func(i int) bool { return all[i].ARN >= arn })
	if i == len(all) || all[i].ARN != arn {
		return Policy{}, false
	}
	return all[i], true
}

// List yields all policies in the order of their ARNs.
func List() iter.Seq[Policy] {
	return func(yield func(Policy) bool) {
		for _, p := range catalog().policies {
			if !yield(p) {
				return
			}
		}
	}
}

// Document returns the JSON of the default version; "" for the zero Policy.
func (p Policy) Document() string {
	if p.size == 0 {
		return ""
	}
	c := catalog()
	text := inflate(c.chunks[p.chunk], inflate(c.dictionary, nil))
	return `{"Version":"2012-10-17","Statement":` + string(text[p.offset:p.offset+p.size]) + "}"
}

// Source says where the data comes from: the first line of the file.
func Source() string {
	line, _, _ := strings.Cut(data, "\n")
	return line
}

// data is a line of text, and then sections, each led by its length as a uvarint: the index, the dictionary, the chunks.
// Every section is deflated (RFC 1951), the chunks with the dictionary.
//
//go:embed policies.bin
var data string

// file is the data, taken apart but not unpacked but for the index.
type file struct {
	policies   []Policy // ordered by ARN
	dictionary string
	chunks     []string
}

var catalog = sync.OnceValue(open)

func open() file {
	_, rest, _ := strings.Cut(data, "\n")
	var sections []string
	for rest != "" {
		n, used := binary.Uvarint([]byte(rest[:min(len(rest), binary.MaxVarintLen64)]))
		sections = append(sections, rest[used:used+int(n)])
		rest = rest[used+int(n):]
	}
	f := file{dictionary: sections[1], chunks: sections[2:]}
	for line := range strings.Lines(string(inflate(sections[0], nil))) {
		f.policies = append(f.policies, parseLine(strings.TrimSuffix(line, "\n")))
	}
	return f
}

// parseLine reads a line of the index: path, name, version, dates in seconds, chunk, offset, size, separated by tabs.
func parseLine(line string) Policy {
	fields := strings.Split(line, "\t")
	var n [5]int
	for i := range n {
		var err error
		if n[i], err = strconv.Atoi(fields[3+i]); err != nil {
			panic(fmt.Sprintf("managed: the embedded index is damaged: %v", err))
		}
	}
	arn := Prefix + fields[0] + fields[1]
	return Policy{ARN: arn, Name: arn[len(Prefix)+len(fields[0]):], Path: arn[len(Prefix) : len(Prefix)+len(fields[0])],
		DefaultVersionID: strings.Clone(fields[2]), CreateDate: time.Unix(int64(n[0]), 0).UTC(),
		UpdateDate: time.Unix(int64(n[1]), 0).UTC(), chunk: n[2], offset: n[3], size: n[4]}
}

// inflate unpacks a section. The data is embedded and tested, so that a failure means a damaged binary.
func inflate(section string, dictionary []byte) []byte {
	var out bytes.Buffer
	if _, err := io.Copy(&out, flate.NewReaderDict(strings.NewReader(section), dictionary)); err != nil {
		panic(fmt.Sprintf("managed: the embedded policies are damaged: %v", err))
	}
	return out.Bytes()
}
