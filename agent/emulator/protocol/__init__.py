"""HTTP as plain values: requests, responses, errors and pages, without any web framework."""
