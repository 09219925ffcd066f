// Domain values <-> the messages that they are stored as. Of this layer only.
#ifndef QUARTERMASTER_SERVICES_CATALOG_CODEC_MESSAGES_H_
#define QUARTERMASTER_SERVICES_CATALOG_CODEC_MESSAGES_H_

#include "quartermaster/catalog/events/v1/events.pb.h"
#include "services/catalog/domain/commands.h"
#include "services/catalog/domain/state.h"

namespace quartermaster::catalog {

void ToMessage(const Item& item, const Attribution& attribution, events::v1::ItemPut& message);
void ToMessage(const Location& location, const Attribution& attribution,
               events::v1::LocationPut& message);
void ToMessage(const Attribution& attribution, events::v1::Attribution& message);

// The version is not in the message: it is left 0.
Item ToItem(const events::v1::ItemPut& message);
Location ToLocation(const events::v1::LocationPut& message);
Attribution ToAttribution(const events::v1::Attribution& message);

}  // namespace quartermaster::catalog

#endif  // QUARTERMASTER_SERVICES_CATALOG_CODEC_MESSAGES_H_
