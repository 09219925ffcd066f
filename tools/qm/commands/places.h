// Where units come from, as people type and read it: a location's id, pool:POOL, channel:CHANNEL.
#ifndef QUARTERMASTER_TOOLS_QM_COMMANDS_PLACES_H_
#define QUARTERMASTER_TOOLS_QM_COMMANDS_PLACES_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "tools/qm/input/values.h"

namespace quartermaster::qm {

// Of a message that names one of the three: a key of availability, a line of a hold.
template <typename Message>
void SetPlace(const Place& place, Message& message) {
  if (!place.pool_id.empty()) {
    message.set_pool_id(place.pool_id);
  } else if (!place.channel_id.empty()) {
    message.set_channel_id(place.channel_id);
  } else {
    message.set_location_id(place.location_id);
  }
}

template <typename Message>
std::string PlaceText(const Message& message) {
  if (!message.channel_id().empty()) return absl::StrCat("channel:", message.channel_id());
  if (!message.pool_id().empty()) return absl::StrCat("pool:", message.pool_id());
  return message.location_id();
}

}  // namespace quartermaster::qm

#endif  // QUARTERMASTER_TOOLS_QM_COMMANDS_PLACES_H_
