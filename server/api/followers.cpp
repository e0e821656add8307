#include "server/api/followers.hpp"

#include <spdlog/spdlog.h>

#include "storage/accounts/notice_store.hpp"

namespace khochung::api {

void tell_followers(const Services& services, const Material& material) {
  if (!material.kit) return;
  if (const auto noted = services.accounts.notices().look_soon(material.id); !noted)
    spdlog::warn("followers of {} are told later: {}", material.id.text(), noted.error().message);
  if (services.postman != nullptr) services.postman->ring();
}

}  // namespace khochung::api
