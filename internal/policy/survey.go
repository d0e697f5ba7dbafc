package policy

import "encoding/binary"

// Survey answers one inquiry for many actions. Actions that are meant by the same statements get the same answer, so that
// few of them are looked at closely. It is for one goroutine.
type Survey struct {
	inquiry Inquiry
	layers  *Layers
	blocks  []*block // of all layers
	seen    map[string]Certainty
}

// NewSurvey begins a survey of what principals under the layers may do. The action of q is of no account.
func NewSurvey(q *Inquiry, l *Layers) *Survey {
	s := &Survey{inquiry: *q, layers: l, seen: map[string]Certainty{}}
	s.add(l.Identity, l.Session)
	s.add(l.SCP...)
	s.add(l.RCP...)
	for _, p := range []*Policy{l.Endpoint, l.Resource, l.Boundary} {
		if p != nil {
			s.add([]Policy{*p})
		}
	}
	return s
}

func (s *Survey) add(lists ...[]Policy) {
	for _, list := range lists {
		for _, p := range list {
			for i := range p.Doc.blocks {
				s.blocks = append(s.blocks, &p.Doc.blocks[i])
			}
		}
	}
}

// Certainty answers for an action.
func (s *Survey) Certainty(action string) Certainty {
	s.inquiry.Action = action
	e := newEvaluation(&s.inquiry.Request, s.layers, []byte(lowerASCII(action)))
	var few [256]byte
	meant := few[:0]
	for _, b := range s.blocks {
		meant = binary.LittleEndian.AppendUint64(meant, b.candidates(&e))
	}
	if e.bindsRCP() {
		meant = append(meant, 1)
	}
	answer, known := s.seen[string(meant)]
	if !known {
		answer = Inquire(&s.inquiry, s.layers).Certainty
		s.seen[string(meant)] = answer
	}
	return answer
}
