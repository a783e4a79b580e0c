# A certificate for the exchange's name, which Route 53 proves.

variable "domain" {
  description = "A zone of Route 53 that exists"
  type        = string
}

variable "host" {
  description = "The name within the zone"
  type        = string
}

locals {
  fqdn = "${var.host}.${var.domain}"
}

data "aws_route53_zone" "this" {
  name = var.domain
}

resource "aws_acm_certificate" "this" {
  domain_name       = local.fqdn
  validation_method = "DNS"
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_route53_record" "proof" {
  for_each = {
    for option in aws_acm_certificate.this.domain_validation_options : option.domain_name => option
  }
  zone_id = data.aws_route53_zone.this.zone_id
  name    = each.value.resource_record_name
  type    = each.value.resource_record_type
  records = [each.value.resource_record_value]
  ttl     = 300
}

resource "aws_acm_certificate_validation" "this" {
  certificate_arn         = aws_acm_certificate.this.arn
  validation_record_fqdns = [for record in aws_route53_record.proof : record.fqdn]
}

output "fqdn" {
  description = "The name of the exchange"
  value       = local.fqdn
}

output "certificate_arn" {
  description = "The certificate, once it is valid"
  value       = aws_acm_certificate_validation.this.certificate_arn
}

output "zone_id" {
  description = "The zone"
  value       = data.aws_route53_zone.this.zone_id
}
