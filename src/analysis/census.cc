#include "analysis/census.h"

namespace corewalk {

void Coverage::add_gap(uint64_t bytes, v8::GapLabel label) {
  switch (label) {
    case v8::GapLabel::kUnused:
      unused_bytes += bytes;
      break;
    case v8::GapLabel::kUnswept:
      unswept_bytes += bytes;
      break;
    case v8::GapLabel::kMissing:
      missing_bytes += bytes;
      break;
    case v8::GapLabel::kDamaged:
      damaged_bytes += bytes;
      break;
  }
}

void Coverage::add(const Coverage& other) {
  pages += other.pages;
  pages_missing += other.pages_missing;
  page_bytes += other.page_bytes;
  object_bytes += other.object_bytes;
  filler_bytes += other.filler_bytes;
  free_bytes += other.free_bytes;
  unused_bytes += other.unused_bytes;
  unswept_bytes += other.unswept_bytes;
  damaged_bytes += other.damaged_bytes;
  missing_bytes += other.missing_bytes;
  cut_off_bytes += other.cut_off_bytes;
  unreadable_objects += other.unreadable_objects;
}

}  // namespace corewalk
