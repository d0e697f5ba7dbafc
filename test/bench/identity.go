package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// sessions is how many different signed requests go round: one request over and over would measure caches only.
const sessions = 200

// coldSessions is how many go round when every request shall find the server's cache of signing keys without its key: more
// than the cache holds, so that a key is forgotten before its turn comes again.
const coldSessions = 12_000

const identityBody = "Action=GetCallerIdentity&Version=2011-06-15"

// identityGoal is G1: the whole corridor for a signed call, in comparison to an answer without any check.
var identityGoal = goal{number: "G1", what: "signed GetCallerIdentity", want: 0.60}

// coldGoal is G2: the same, with the opening of a session token and the derivation of a signing key for each request.
var coldGoal = goal{number: "G2", what: "signed GetCallerIdentity, each by a session that the server has no key of", want: 0.50}

// identityRequests are signed calls, each by a session of its own. A signature is good for a few minutes, so
// they are made anew for each round.
func identityRequests(ctx context.Context, server string, credentials []aws.Credentials, now time.Time) ([][]byte, error) {
	sum := sha256.Sum256([]byte(identityBody))
	hash, signer := hex.EncodeToString(sum[:]), v4.NewSigner()
	var requests [][]byte
	for _, c := range credentials {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, server+"/", strings.NewReader(identityBody))
		if err != nil {
			return nil, err
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
		r.Header.Set("User-Agent", userAgent)
		if err := signer.SignHTTP(ctx, c, r, hash, "sts", region, now); err != nil {
			return nil, err
		}
		request, err := onTheWire(r)
		if err != nil {
			return nil, err
		}
		requests = append(requests, request)
	}
	return requests, nil
}
