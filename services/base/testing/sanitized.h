// Whether this binary is built with a sanitizer: tests that run as many instances as there is time
// for run fewer then.
#ifndef QUARTERMASTER_SERVICES_BASE_TESTING_SANITIZED_H_
#define QUARTERMASTER_SERVICES_BASE_TESTING_SANITIZED_H_

namespace quartermaster {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif
#else
inline constexpr bool kSanitized = false;
#endif

}  // namespace quartermaster

#endif  // QUARTERMASTER_SERVICES_BASE_TESTING_SANITIZED_H_
