// Package clients_test drives Gatehouse with the programs that its users have:
// the AWS CLI, the SDKs for Python, Go and JavaScript, the helpers around
// them, and a browser. None is modified, and each test has a server of its own.
package clients_test

import (
	"testing"

	"github.com/gatehouse-sso/gatehouse/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }
