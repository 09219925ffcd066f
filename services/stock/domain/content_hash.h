// ContentHash: of what a message says, stable for ever: FNV-1a, 64 bits (Fowler, Noll, Vo).
#ifndef QUARTERMASTER_SERVICES_STOCK_DOMAIN_CONTENT_HASH_H_
#define QUARTERMASTER_SERVICES_STOCK_DOMAIN_CONTENT_HASH_H_

#include <cstdint>
#include <string_view>

namespace quartermaster::stock {

class ContentHash {
 public:
  // With its length, so that what follows is not taken for a part of it.
  ContentHash& AddText(std::string_view text) {
    Add(static_cast<int64_t>(text.size()));
    for (const char c : text) AddByte(static_cast<unsigned char>(c));
    return *this;
  }
  ContentHash& Add(int64_t value) {
    for (int shift = 0; shift < 64; shift += 8) AddByte(static_cast<uint8_t>(value >> shift));
    return *this;
  }
  uint64_t value() const { return hash_; }

 private:
  void AddByte(uint8_t byte) { hash_ = (hash_ ^ byte) * 0x100000001b3; }
  uint64_t hash_ = 0xcbf29ce484222325;
};

}  // namespace quartermaster::stock

#endif  // QUARTERMASTER_SERVICES_STOCK_DOMAIN_CONTENT_HASH_H_
