#pragma once

#include <optional>

#include "node/resource_reader.h"

namespace corewalk {

/// libuv's numbers for the kinds of handles and requests (include/uv.h; part of its binary
/// interface since 1.0).
enum class UvHandleType : int64_t {
  kFsEvent = 3,
  kFsPoll = 4,
  kNamedPipe = 7,
  kProcess = 10,
  kTcp = 12,
  kTty = 14,
  kUdp = 15,
  kSignal = 16,
};
enum class UvRequestType : int64_t { kConnect = 2, kWrite = 3, kFs = 6, kGetAddrInfo = 8 };

/// Bits of uv_handle_t.flags (src/uv-common.h, libuv 1.2x to 1.5x: Node 12 to 26).
inline constexpr int64_t kUvClosing = 0x1;
inline constexpr int64_t kUvActive = 0x4;
inline constexpr int64_t kUvRef = 0x8;

/// Adds what libuv and the program's own objects say of a handle, whose JavaScript object and
/// uv_handle_t are known.
void add_handle_facts(const ResourceReader& reader, std::optional<Address> process_object,
                      Resource& resource);
/// The same of a request.
void add_request_facts(const ResourceReader& reader, Resource& resource);

}  // namespace corewalk
