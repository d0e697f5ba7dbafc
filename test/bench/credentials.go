package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sso/types"
	_ "modernc.org/sqlite" // to hold the database's write lock
)

// credentialsGoal is G3: credentials for a role of a signed-in person.
var credentialsGoal = goal{number: "G3", what: "GetRoleCredentials by an access token", want: 0.50}

// credentialsRequests ask for every role by every token.
func credentialsRequests(ctx context.Context, server string, tokens []string, roles []types.RoleInfo) ([][]byte, error) {
	var requests [][]byte
	for _, token := range tokens {
		for _, role := range roles {
			query := url.Values{"account_id": {*role.AccountId}, "role_name": {*role.RoleName}}
			r, err := http.NewRequestWithContext(ctx, http.MethodGet, server+"/federation/credentials?"+query.Encode(), nil)
			if err != nil {
				return nil, err
			}
			r.Header.Set("X-Amz-Sso_bearer_token", token)
			r.Header.Set("User-Agent", userAgent)
			request, err := onTheWire(r)
			if err != nil {
				return nil, err
			}
			requests = append(requests, request)
		}
	}
	return requests, nil
}

// heldLock is how long nobody else can write to the database, and heldCalls how many calls are made meanwhile. They
// fit into the time easily, and into the queue of records that wait for their block.
const (
	heldLock  = 2 * time.Second
	heldCalls = 200
)

// withoutWrites proves that no call waits for a write: this program holds the write lock of the server's database, so
// that no transaction can commit, and calls must be answered all the same.
func withoutWrites(ctx context.Context, dir string, l *load) (figure Figure, err error) {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "gatehouse.db")+"?_pragma=busy_timeout(5000)")
	if err != nil {
		return figure, err
	}
	defer db.Close()
	conn, err := db.Conn(ctx)
	if err != nil {
		return figure, err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return figure, fmt.Errorf("take the write lock: %w", err)
	}
	defer func() {
		_, rollback := conn.ExecContext(ctx, "ROLLBACK")
		err = errors.Join(err, rollback)
	}()
	r, err := l.exactly(heldCalls, heldLock)
	if err != nil {
		return figure, fmt.Errorf("with the write lock held: %w", err)
	}
	return Figure{
		Goal: credentialsGoal.number, What: "GetRoleCredentials while nobody can write to the database", Want: "all answered",
		Got: fmt.Sprintf("%d of %d, the slowest in %.1f ms", r.count, heldCalls, milliseconds(r.quantile(1))),
		Met: r.count == heldCalls,
	}, nil
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
