"""The contract under thousands of requests that nobody wrote by hand."""
