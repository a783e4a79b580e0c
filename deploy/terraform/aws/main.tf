# The whole of it: a network, a cluster, PostgreSQL, Redis, a name with a certificate, and the chart.

module "network" {
  source = "./modules/network"
  name   = var.name
  cidr   = var.cidr
}

module "cluster" {
  source      = "./modules/cluster"
  name        = var.name
  subnet_ids  = module.network.private_subnet_ids
  node_types  = var.node_types
  redis_type  = var.redis_type
  admin_cidrs = var.admin_cidrs
}

module "postgres" {
  source            = "./modules/postgres"
  name              = var.name
  vpc_id            = module.network.vpc_id
  subnet_ids        = module.network.private_subnet_ids
  class             = var.postgres_class
  security_group_id = module.cluster.node_security_group_id
}

module "redis" {
  source = "./modules/redis"
  name   = var.name
  image  = var.redis_image

  depends_on = [module.cluster]
}

module "dns" {
  source = "./modules/dns"
  domain = var.domain
  host   = var.host
}

module "release" {
  source          = "./modules/release"
  name            = var.name
  namespace       = module.redis.namespace
  redis_url       = module.redis.url
  database_url    = module.postgres.url
  image           = var.image
  fqdn            = module.dns.fqdn
  certificate_arn = module.dns.certificate_arn
  zone_id         = module.dns.zone_id
}
