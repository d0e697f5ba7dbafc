package iam

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/gatehouse-sso/gatehouse/internal/api"
	"github.com/gatehouse-sso/gatehouse/internal/store"
)

// finder finds a row of the caller's account by what a request calls it.
type finder[T any] func(tx *store.Tx, c *api.Call, name string) (*T, error)

// read reads a row in a transaction of its own.
func read[T any](ctx context.Context, c *api.Call, find finder[T], name *string) (*T, error) {
	return api.Look(ctx, c, func(tx *store.Tx) (*T, error) { return find(tx, c, aws.ToString(name)) })
}

// edit changes a row and saves it.
func edit[T any](ctx context.Context, c *api.Call, table *store.Table[T], find finder[T], name *string, fn func(*store.Tx, *T) error) error {
	return c.Update(ctx, func(tx *store.Tx) error {
		row, err := find(tx, c, aws.ToString(name))
		if err != nil {
			return err
		}
		if err := fn(tx, row); err != nil {
			return err
		}
		return table.Save(tx, row)
	})
}
