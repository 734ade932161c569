"""What the service keeps: files, jobs, deployments, chat."""
