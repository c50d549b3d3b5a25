#!/usr/bin/env bash
# README.md's `buf generate`: stubs of every service for Python and C++, and no package of another name.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
node_modules/.bin/buf generate -o "$folder"

# A folder grpc/ or google/ beside seatsaga/ would hide the Python library of that name.
for language in python cpp; do
  packages=$(ls "$folder/gen/$language")
  [[ $packages == seatsaga ]] || { echo "not only seatsaga in $language: $packages" >&2; exit 1; }
done

for proto in proto/seatsaga/*/v1/*.proto; do
  stem=${proto#proto/}
  stem=${stem%.proto}
  for file in python/"$stem"_pb2.py python/"$stem"_pb2_grpc.py cpp/"$stem".pb.cc cpp/"$stem".grpc.pb.h; do
    [[ -s $folder/gen/$file ]] || { echo "$file was not generated" >&2; exit 1; }
  done
done
python3 -m compileall -q "$folder/gen/python"
