package policy

// Letters counts the bytes of a document that are not white space, which quotas of policies leave out. See "IAM and AWS STS
// quotas" in the IAM User Guide.
func Letters(document string) int {
	n := 0
	for i := range len(document) {
		switch document[i] {
		case ' ', '\t', '\r', '\n':
		default:
			n++
		}
	}
	return n
}
