"""What a person reads: status, results, the deployment guide, and the language of it all."""
