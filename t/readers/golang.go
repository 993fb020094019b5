// Go's encoding/json, with one Decode() per body, as in gin and Ollama:
//
//	golang struct   into a struct with the paths; its tags match names
//	                in any case
//	golang kept     the same with members that null does not change, as it
//	                is for types that are not pointers
//	golang map      into maps
//	golang form     a form, as net/http reads it; forms.py describes the
//	                protocol
//
// reader.hh describes the protocol.

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"reflect"
	"strconv"
	"strings"
)

// The members of a struct, as a tree.

type tree struct {
	members map[string]*tree
	order   []string
}

// Adds a path; returns false if its place is taken.

func (t *tree) add(steps []string) bool {
	if len(steps) == 0 {
		return true
	}

	if t.members == nil {
		t.members = map[string]*tree{}
	}

	child := t.members[steps[0]]

	if child == nil {
		if (steps[0] == "*" || t.members["*"] != nil) && len(t.order) > 0 {
			return false
		}

		child = &tree{}

		if !child.add(steps[1:]) {
			return false
		}

		t.members[steps[0]] = child
		t.order = append(t.order, steps[0])

		return true
	}

	// one path ends here, the other continues
	if (len(child.order) == 0) != (len(steps) == 1) {
		return false
	}

	return child.add(steps[1:])
}

// A value that null does not change.

type kept struct {
	seen  bool
	value any
}

func (k *kept) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		return nil
	}

	k.seen = true

	return json.Unmarshal(text, &k.value)
}

// A value that can be null.

type last struct {
	seen  bool
	value any
}

func (l *last) UnmarshalJSON(text []byte) error {
	l.seen = true
	l.value = nil

	return json.Unmarshal(text, &l.value)
}

func (t *tree) typeOf(leaf reflect.Type) reflect.Type {
	if len(t.order) == 0 {
		return leaf
	}

	if t.order[0] == "*" {
		return reflect.SliceOf(t.members["*"].typeOf(leaf))
	}

	var fields []reflect.StructField

	for i, name := range t.order {
		fields = append(fields, reflect.StructField{
			Name: fmt.Sprintf("F%d", i),
			Type: t.members[name].typeOf(leaf),
			Tag:  reflect.StructTag(fmt.Sprintf("json:%q", name)),
		})
	}

	return reflect.StructOf(fields)
}

func (t *tree) find(value reflect.Value, steps []string) []string {
	if len(steps) == 0 {
		if !value.Field(0).Bool() {
			return []string{"absent"}
		}

		return []string{text(value.Addr().Interface())}
	}

	if steps[0] == "*" {
		found := []string{}

		for i := 0; i < value.Len(); i++ {
			found = append(found,
				t.members["*"].find(value.Index(i), steps[1:])...)
		}

		return found
	}

	for i, name := range t.order {
		if name == steps[0] {
			return t.members[name].find(value.Field(i), steps[1:])
		}
	}

	panic("a path that the struct does not have")
}

func text(value any) string {
	switch v := value.(type) {
	case *kept:
		return text(v.value)
	case *last:
		return text(v.value)
	case nil:
		return "null"
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return strconv.FormatFloat(v, 'g', 17, 64)
	case string:
		return "\"" + plain(v)
	}

	return "other"
}

func plain(value string) string {
	var b strings.Builder

	for i := 0; i < len(value); i++ {
		c := value[i]

		if c <= ' ' || c >= 0x7f || c == '%' || c == ',' {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}

	return b.String()
}

// The structs for a list of paths, as few as possible.

type plan struct {
	trees []*tree
	types []reflect.Type
	where []int
	steps [][]string
}

func makePlan(paths []string, leaf reflect.Type) *plan {
	p := &plan{}

	for _, path := range paths {
		steps := strings.Split(path, "/")
		where := 0

		for where < len(p.trees) && !p.trees[where].add(steps) {
			where++
		}

		if where == len(p.trees) {
			p.trees = append(p.trees, &tree{})
			p.trees[where].add(steps)
		}

		p.where = append(p.where, where)
		p.steps = append(p.steps, steps)
	}

	for _, t := range p.trees {
		p.types = append(p.types, t.typeOf(leaf))
	}

	return p
}

// Decodes despite members of another type than the struct's: a program without
// such a member reads the rest.

func decode(body []byte, into any) bool {
	err := json.NewDecoder(bytes.NewReader(body)).Decode(into)
	_, mismatch := err.(*json.UnmarshalTypeError)

	return err == nil || mismatch
}

func (p *plan) answer(body []byte) string {
	var values []reflect.Value
	var words []string

	for _, t := range p.types {
		value := reflect.New(t)

		if !decode(body, value.Interface()) {
			return "rejected"
		}

		values = append(values, value.Elem())
	}

	for i, where := range p.where {
		words = append(words,
			word(p.trees[where].find(values[where], p.steps[i])))
	}

	return strings.Join(words, " ")
}

func word(found []string) string {
	if len(found) == 0 {
		return "-"
	}

	return strings.Join(found, ",")
}

func lookUp(value any, steps []string) []string {
	if len(steps) == 0 {
		return []string{text(value)}
	}

	if steps[0] == "*" {
		array, _ := value.([]any)
		found := []string{}

		for _, element := range array {
			found = append(found, lookUp(element, steps[1:])...)
		}

		return found
	}

	object, _ := value.(map[string]any)
	member, is := object[steps[0]]

	if !is && strings.Contains(strings.Join(steps, "/"), "*") {
		return []string{}
	}

	if !is {
		return []string{"absent"}
	}

	return lookUp(member, steps[1:])
}

func fromMaps(body []byte, paths []string) string {
	var document any
	var words []string

	if !decode(body, &document) {
		return "rejected"
	}

	for _, path := range paths {
		words = append(words, word(lookUp(document, strings.Split(path, "/"))))
	}

	return strings.Join(words, " ")
}

func fromForm(body []byte, names []string) string {
	var words []string

	head, form, _ := strings.Cut(string(body), "\n")
	request, _ := http.NewRequest("POST", "/", strings.NewReader(form))
	request.Header.Set("Content-Type", head)

	if request.ParseMultipartForm(1<<30) != nil {
		return "rejected"
	}

	for _, name := range names {
		words = append(words, field(request, name))
	}

	return strings.Join(words, " ")
}

func field(request *http.Request, name string) string {
	if len(request.MultipartForm.File[name]) > 0 {
		return "other"
	}

	if _, is := request.MultipartForm.Value[name]; !is {
		return "absent"
	}

	value := request.FormValue(name)

	if number, err := strconv.ParseFloat(value, 64); err == nil {
		return text(number)
	}

	return text(value)
}

func main() {
	leaf := map[string]reflect.Type{
		"struct": reflect.TypeOf(last{}),
		"kept":   reflect.TypeOf(kept{}),
	}[os.Args[1]]

	plans := map[string]*plan{}
	in := bufio.NewReader(os.Stdin)

	for {
		line, err := in.ReadString('\n')

		if err != nil {
			return
		}

		fields := strings.Fields(line)
		length, err := strconv.Atoi(fields[0])

		if err != nil {
			panic(err)
		}

		body := make([]byte, length)

		if _, err = io.ReadFull(in, body); err != nil {
			panic(err)
		}

		if os.Args[1] == "form" {
			fmt.Println(fromForm(body, fields[1:]))
			continue
		}

		if leaf == nil {
			fmt.Println(fromMaps(body, fields[1:]))
			continue
		}

		key := strings.Join(fields[1:], " ")

		if plans[key] == nil {
			plans[key] = makePlan(fields[1:], leaf)
		}

		fmt.Println(plans[key].answer(body))
	}
}
