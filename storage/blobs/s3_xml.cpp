#include "storage/blobs/s3_xml.hpp"

#include <pugixml.hpp>

namespace khochung::storage {
namespace {

/// The root element of an answer; an empty one where it is no XML. pugixml knows no entities but
/// the five of XML, and fetches nothing.
pugi::xml_node root_of(pugi::xml_document& document, std::string_view xml) {
  const auto read = document.load_buffer(xml.data(), xml.size());
  return read ? document.document_element() : pugi::xml_node();
}

/// Errors: unavailable when the root element is another.
Result<pugi::xml_node> expect(pugi::xml_document& document, std::string_view xml,
                              std::string_view name) {
  const auto root = root_of(document, xml);
  if (root.name() == name) return root;
  const std::string found = root ? root.name() : "something that is no XML";
  return fail(ErrorCode::unavailable, "an S3 service did not answer with " + std::string(name) +
                                          " but with " + found + " " + root.child_value("Code"));
}

bool is_true(std::string_view text) {
  return text == "true";
}

}  // namespace

S3Fault s3_fault(std::string_view xml) {
  pugi::xml_document document;
  const auto root = root_of(document, xml);
  return {root.child_value("Code"), root.child_value("Message")};
}

Result<S3Page> s3_page(std::string_view xml) {
  pugi::xml_document document;
  const auto root = KHOCHUNG_TRY(expect(document, xml, "ListBucketResult"));
  S3Page page;
  for (const auto entry : root.children("Contents")) {
    page.objects.push_back({entry.child_value("Key"), entry.child("Size").text().as_ullong()});
  }
  if (!is_true(root.child_value("IsTruncated"))) return page;
  page.next = root.child_value("NextContinuationToken");
  if (page.next.empty()) return fail(ErrorCode::unavailable, "an S3 list breaks off");
  return page;
}

Result<S3Uploads> s3_uploads(std::string_view xml) {
  pugi::xml_document document;
  const auto root = KHOCHUNG_TRY(expect(document, xml, "ListMultipartUploadsResult"));
  S3Uploads found;
  for (const auto entry : root.children("Upload")) {
    found.uploads.push_back({entry.child_value("Key"), entry.child_value("UploadId"),
                             KHOCHUNG_TRY(instant_from_rfc3339(entry.child_value("Initiated")))});
  }
  if (!is_true(root.child_value("IsTruncated"))) return found;
  found.next_key = root.child_value("NextKeyMarker");
  found.next_id = root.child_value("NextUploadIdMarker");
  if (found.next_key.empty()) return fail(ErrorCode::unavailable, "an S3 list breaks off");
  return found;
}

Result<std::string> s3_upload_id(std::string_view xml) {
  pugi::xml_document document;
  const auto root = KHOCHUNG_TRY(expect(document, xml, "InitiateMultipartUploadResult"));
  std::string id = root.child_value("UploadId");
  if (id.empty()) return fail(ErrorCode::unavailable, "an S3 upload has no number");
  return id;
}

Result<void> s3_success(std::string_view xml) {
  pugi::xml_document document;
  const std::string_view name = root_of(document, xml).name();
  if (name.ends_with("Result")) return {};
  const auto fault = s3_fault(xml);
  return fail(ErrorCode::unavailable,
              "an S3 service failed after \"200 OK\": " + fault.code + " " + fault.message);
}

std::string s3_parts(const std::vector<std::string>& etags) {
  std::string xml = "<CompleteMultipartUpload>";
  for (std::size_t i = 0; i < etags.size(); ++i) {
    xml += "<Part><PartNumber>" + std::to_string(i + 1) + "</PartNumber><ETag>&quot;" + etags[i] +
           "&quot;</ETag></Part>";
  }
  return xml + "</CompleteMultipartUpload>";
}

}  // namespace khochung::storage
