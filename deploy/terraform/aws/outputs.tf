output "url" {
  description = "Where the exchange answers"
  value       = "https://${module.dns.fqdn}"
}

output "cluster" {
  description = "The name for `aws eks update-kubeconfig`"
  value       = module.cluster.name
}
