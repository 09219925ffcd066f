// Times of answers.
#ifndef QUARTERMASTER_TESTS_FAULT_TIMESTAMPS_H_
#define QUARTERMASTER_TESTS_FAULT_TIMESTAMPS_H_

#include <google/protobuf/timestamp.pb.h>

#include "services/base/time.h"

namespace quartermaster::crash {

inline Instant InstantOf(const google::protobuf::Timestamp& time) {
  return {time.seconds() * 1'000'000 + time.nanos() / 1'000};
}

}  // namespace quartermaster::crash

#endif  // QUARTERMASTER_TESTS_FAULT_TIMESTAMPS_H_
