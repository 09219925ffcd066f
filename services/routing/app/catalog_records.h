// The catalog's log records, for the feed that reads them: rpc knows no stored formats.
#ifndef QUARTERMASTER_SERVICES_ROUTING_APP_CATALOG_RECORDS_H_
#define QUARTERMASTER_SERVICES_ROUTING_APP_CATALOG_RECORDS_H_

#include "services/routing/codec/catalog_records.h"  // IWYU pragma: export

#endif  // QUARTERMASTER_SERVICES_ROUTING_APP_CATALOG_RECORDS_H_
