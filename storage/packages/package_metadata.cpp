#include "storage/packages/package_metadata.hpp"

#include <boost/json.hpp>
#include <pugixml.hpp>
#include <set>
#include <sstream>

#include "schemas/canonical_json.hpp"
#include "schemas/json_reader.hpp"

namespace khochung::storage {
namespace {

/// Without what XML 1.0 cannot hold at all. Source: XML 1.0, 2.2.
std::string xml_text(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') continue;
    const auto three = text.substr(at, 3);
    if (three == "\xEF\xBF\xBE" || three == "\xEF\xBF\xBF") {
      at += 2;
      continue;
    }
    out += text[at];
  }
  return out;
}

void add(pugi::xml_node node, const char* name, std::string_view text) {
  if (text.empty()) return;
  node.append_child(name).text().set(xml_text(text).c_str());
}

pugi::xml_node root_of(pugi::xml_document& document, const char* name) {
  auto declaration = document.append_child(pugi::node_declaration);
  declaration.append_attribute("version") = "1.0";
  declaration.append_attribute("encoding") = "UTF-8";
  return document.append_child(name);
}

std::string text_of(const pugi::xml_document& document) {
  std::ostringstream out;
  document.save(out, "  ");
  return out.str();
}

std::string urn_of(const std::string& uuid) {
  return "urn:uuid:" + uuid;
}

/// One event as PREMIS is to say it.
struct Event {
  std::string id_type, id, type, at, agent, detail, outcome;
  std::optional<Digest> file;
};

/// Writes one PREMIS document. The order of elements is the schema's.
class PremisWriter {
 public:
  PremisWriter() {
    root_ = root_of(document_, "premis:premis");
    root_.append_attribute("xmlns:premis") = "http://www.loc.gov/premis/v3";
    root_.append_attribute("xmlns:xsi") = "http://www.w3.org/2001/XMLSchema-instance";
    root_.append_attribute("xsi:schemaLocation") =
        "http://www.loc.gov/premis/v3 https://www.loc.gov/standards/premis/v3/premis-v3-0.xsd";
    root_.append_attribute("version") = "3.0";
  }

  void entity(const std::string& id) {
    auto object = root_.append_child("premis:object");
    object.append_attribute("xsi:type") = "premis:intellectualEntity";
    identify(object, "object", "URI", urn_of(id));
  }

  void file(const PlacedFile& placed, const std::string& entity_id) {
    auto object = root_.append_child("premis:object");
    object.append_attribute("xsi:type") = "premis:file";
    identify(object, "object", "SHA-256", placed.file.sha256.hex());
    auto characteristics = object.append_child("premis:objectCharacteristics");
    auto fixity = characteristics.append_child("premis:fixity");
    add(fixity, "premis:messageDigestAlgorithm", "SHA-256");
    add(fixity, "premis:messageDigest", placed.file.sha256.hex());
    add(characteristics, "premis:size", std::to_string(placed.file.size_bytes));
    const auto& type = placed.file.media_type;
    add(characteristics.append_child("premis:format").append_child("premis:formatDesignation"),
        "premis:formatName", type.empty() ? "application/octet-stream" : type);
    add(object, "premis:originalName", placed.file.name);
    auto relationship = object.append_child("premis:relationship");
    add(relationship, "premis:relationshipType", "structural");
    add(relationship, "premis:relationshipSubType", "is included in");
    identify(relationship, "relatedObject", "URI", urn_of(entity_id));
  }

  void event(const Event& event, const std::string& entity_id) {
    auto node = root_.append_child("premis:event");
    identify(node, "event", event.id_type, event.id);
    add(node, "premis:eventType", event.type);
    add(node, "premis:eventDateTime", event.at);
    if (!event.detail.empty()) {
      add(node.append_child("premis:eventDetailInformation"), "premis:eventDetail", event.detail);
    }
    if (!event.outcome.empty()) {
      add(node.append_child("premis:eventOutcomeInformation"), "premis:eventOutcome",
          event.outcome);
    }
    if (!event.agent.empty()) {
      identify(node, "linkingAgent", "account", event.agent);
      agents_.insert(event.agent);
    }
    if (event.file) {
      identify(node, "linkingObject", "SHA-256", event.file->hex());
    } else {
      identify(node, "linkingObject", "URI", urn_of(entity_id));
    }
  }

  std::string finish() {
    for (const auto& name : agents_) {
      auto agent = root_.append_child("premis:agent");
      identify(agent, "agent", "account", name);
      add(agent, "premis:agentName", name);
    }
    return text_of(document_);
  }

 private:
  static void identify(pugi::xml_node node, const std::string& what, std::string_view type,
                       std::string_view value) {
    const auto name = "premis:" + what + "Identifier";
    auto identifier = node.append_child(name.c_str());
    add(identifier, (name + "Type").c_str(), type);
    add(identifier, (name + "Value").c_str(), value);
  }

  pugi::xml_document document_;
  pugi::xml_node root_;
  std::set<std::string> agents_;
};

/// What a revision did, in PREMIS' terms.
std::string_view type_of(const std::vector<Material>& revisions, std::size_t index) {
  if (index == 0) return "ingestion";
  const bool is_same = files_kept(revisions[index]) == files_kept(revisions[index - 1]);
  return is_same ? "metadata modification" : "replacement";
}

}  // namespace

std::string dublin_core_xml(const Material& material) {
  pugi::xml_document document;
  auto root = root_of(document, "oai_dc:dc");
  root.append_attribute("xmlns:oai_dc") = "http://www.openarchives.org/OAI/2.0/oai_dc/";
  root.append_attribute("xmlns:dc") = "http://purl.org/dc/elements/1.1/";
  root.append_attribute("xmlns:xsi") = "http://www.w3.org/2001/XMLSchema-instance";
  root.append_attribute("xsi:schemaLocation") =
      "http://www.openarchives.org/OAI/2.0/oai_dc/ "
      "http://www.openarchives.org/OAI/2.0/oai_dc.xsd";
  add(root, "dc:title", material.title);
  add(root, "dc:creator", material.issuer);
  for (const auto& field : concept_fields) {
    for (const auto& id : concepts_in(material.*field.ids)) add(root, "dc:subject", id);
  }
  add(root, "dc:description", material.description);
  add(root, "dc:contributor", material.signer);
  add(root, "dc:date", material.date);
  add(root, "dc:type", material.kind);
  std::set<std::string> formats;
  for (const auto& file : files_kept(material)) formats.insert(file.media_type);
  for (const auto& format : formats) add(root, "dc:format", format);
  add(root, "dc:identifier", urn_of(material.id.text()));
  add(root, "dc:identifier", material.number);
  add(root, "dc:source", material.credit);
  add(root, "dc:language", material.language);
  if (material.part_of) add(root, "dc:relation", urn_of(material.part_of->text()));
  add(root, "dc:rights", material.terms);
  return text_of(document);
}

std::string premis_xml(const PackagedHistory& history, const std::vector<Material>& revisions,
                       const std::vector<PlacedFile>& files,
                       const std::vector<PreservationEvent>& events) {
  const auto id = history.id.text();
  PremisWriter premis;
  premis.entity(id);
  for (const auto& file : files) premis.file(file, id);
  for (std::size_t i = 0; i < history.revisions.size(); ++i) {
    const auto& record = history.revisions[i].record;
    premis.event({"record", history.revisions[i].seal.hex(), std::string(type_of(revisions, i)),
                  to_rfc3339(record.at), record.by, record.why, "", std::nullopt},
                 id);
  }
  for (const auto& event : events) {
    premis.event({"archive", event.id, event.type, to_rfc3339(event.at), event.agent, event.detail,
                  event.outcome, event.file},
                 id);
  }
  return premis.finish();
}

std::string lines_of_events(const std::vector<PreservationEvent>& events) {
  std::string lines;
  for (const auto& event : events) {
    boost::json::object object{
        {"id", event.id},       {"type", event.type},     {"at", to_rfc3339(event.at)},
        {"agent", event.agent}, {"detail", event.detail}, {"outcome", event.outcome}};
    object["file"] = event.file ? boost::json::value(event.file->hex()) : nullptr;
    lines += canonical_json(object) + "\n";
  }
  return lines;
}

Result<std::vector<PreservationEvent>> events_from_lines(std::string_view text) {
  std::vector<PreservationEvent> events;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    boost::json::error_code error;
    const auto value = boost::json::parse(text.substr(0, end), error);
    if (error) return fail(ErrorCode::corrupt, "an event is not JSON");
    text.remove_prefix(std::min(end + 1, text.size()));
    const JsonReader read(value);
    PreservationEvent event{read.string("id"),     read.string("type"),    {}, read.string("agent"),
                            read.string("detail"), read.string("outcome"), {}};
    const auto at = instant_from_rfc3339(read.string("at"));
    if (!at || event.id.empty() || event.type.empty()) {
      return fail(ErrorCode::corrupt, "an event without id, type or time");
    }
    event.at = *at;
    if (const auto file = read.string("file"); !file.empty()) {
      const auto digest = Digest::parse(file);
      if (!digest) return fail(ErrorCode::corrupt, "an event of a file without its digest");
      event.file = *digest;
    }
    events.push_back(std::move(event));
  }
  return events;
}

}  // namespace khochung::storage
