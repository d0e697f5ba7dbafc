package ssoadmin

// maxScanned bounds how many pages of a list are read to fill one page of those rows that a filter wants. Where few do,
// the page is shorter, and its token goes on.
const maxScanned = 10

// filled reads pages until one is full of rows that are wanted. next is the key after which the next page begins, empty
// at the end.
func filled[T any](after string, limit int, read func(after string) ([]*T, string, error), key func(*T) string, wanted func(*T) bool) (rows []*T, next string, err error) {
	for range maxScanned {
		page, more, err := read(after)
		if err != nil {
			return nil, "", err
		}
		for n, row := range page {
			if !wanted(row) {
				continue
			}
			rows = append(rows, row)
			if len(rows) == limit && (more != "" || n < len(page)-1) {
				return rows, key(row), nil
			}
		}
		if after = more; more == "" {
			return rows, "", nil
		}
	}
	return rows, after, nil
}
