package permission

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"image/png"
	"unicode"
	"unicode/utf8"

	"github.com/gatehouse-sso/gatehouse/internal/fault"
)

// Bounds of what a portal shows of its owner.
const (
	maxLogo      = 64 << 10 // bytes, as it was sent and as it is kept
	maxLogoSide  = 512      // pixels
	maxTitle     = 64       // characters
	logoHashSize = 16       // bytes of its hash that are enough to tell it by
)

// Logo is the picture at the head of a portal.
type Logo struct {
	Hash          string // of its bytes, by which browsers keep it
	Width, Height int
}

// LogoFile is the bytes of a logo.
type LogoFile struct {
	InstanceARN string
	Hash        string
	PNG         []byte
}

// NewLogo makes a logo out of what somebody sent. Only PNG is taken, because SVG is a document that may have scripts, and
// only its pixels are kept: what this server hands out it has written itself, so that nothing is hidden in it that another
// reader takes for something else.
func NewLogo(sent []byte) (*Logo, []byte, error) {
	wrong := fault.New(fault.Invalid, "ValidationException", "A logo is a PNG of at most %d KB and %d by %d pixels.", maxLogo>>10, maxLogoSide, maxLogoSide)
	if len(sent) > maxLogo {
		return nil, nil, wrong
	}
	size, err := png.DecodeConfig(bytes.NewReader(sent)) // before there is room for its pixels
	if err != nil || size.Width > maxLogoSide || size.Height > maxLogoSide {
		return nil, nil, wrong.Because(err)
	}
	picture, err := png.Decode(bytes.NewReader(sent))
	if err != nil {
		return nil, nil, wrong.Because(err)
	}
	var kept bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&kept, picture); err != nil {
		return nil, nil, err
	}
	if kept.Len() > maxLogo {
		return nil, nil, wrong
	}
	sum := sha256.Sum256(kept.Bytes())
	return &Logo{Hash: hex.EncodeToString(sum[:logoHashSize]), Width: size.Width, Height: size.Height}, kept.Bytes(), nil
}

// CheckTitle says what is wrong with what somebody wants to call a portal. It stands beside the field for passwords and in
// mails, so it has nothing in it that is not seen or that turns the text around.
func CheckTitle(title string) error {
	if utf8.RuneCountInString(title) > maxTitle || !utf8.ValidString(title) {
		return fault.New(fault.Invalid, "ValidationException", "The name of a portal has at most %d characters.", maxTitle)
	}
	for _, c := range title {
		if !unicode.IsPrint(c) {
			return fault.New(fault.Invalid, "ValidationException", "The name of a portal has a character that is not seen: %U.", c)
		}
	}
	return nil
}
