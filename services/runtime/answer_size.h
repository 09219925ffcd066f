// AnswerSize: keeps an answer below what a gRPC client accepts, 4 MiB by default.
//
//   AnswerSize size;
//   for (const auto& order : page.items) {
//     v1::Order message = ToMessage(*order, page.position);
//     if (!size.Take(message)) break;      // the next page begins with it
//     *response->add_orders() = std::move(message);
//   }
#ifndef QUARTERMASTER_SERVICES_RUNTIME_ANSWER_SIZE_H_
#define QUARTERMASTER_SERVICES_RUNTIME_ANSWER_SIZE_H_

#include <cstddef>

#include "google/protobuf/message.h"

namespace quartermaster::runtime {

// Of an answer's items; the rest up to 4 MiB is for what stands beside them.
inline constexpr size_t kAnswerBytesMax = 3 << 20;

class AnswerSize {
 public:
  // False if the item does not fit any more, and it is not counted. The first always fits: an
  // answer that shows nothing helps nobody.
  bool Take(const google::protobuf::Message& item) {
    // Its tag and length.
    constexpr size_t kItemOverheadBytes = 6;
    const size_t bytes = item.ByteSizeLong() + kItemOverheadBytes;
    if (taken_ > 0 && taken_ + bytes > kAnswerBytesMax) return false;
    taken_ += bytes;
    return true;
  }

 private:
  size_t taken_ = 0;
};

}  // namespace quartermaster::runtime

#endif  // QUARTERMASTER_SERVICES_RUNTIME_ANSWER_SIZE_H_
