import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/**
 * Does what standard input says, a JSON object a line, and answers each with one: what was asked for, or {fault}. The
 * requests are those of kafka-admin.ts.
 *
 * Argument: the settings of the client, a JSON object.
 */
public final class Admin {
  private static final ObjectMapper JSON = new ObjectMapper();

  public static void main(String[] args) throws Exception {
    @SuppressWarnings("unchecked")
    Map<String, Object> settings = JSON.readValue(args[0], Map.class);
    var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try (var admin = org.apache.kafka.clients.admin.Admin.create(settings)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        System.out.println(answerOrFault(admin, JSON.readTree(line)));
      }
    }
  }

  private static JsonNode answerOrFault(org.apache.kafka.clients.admin.Admin admin, JsonNode request) throws Exception {
    try {
      return answer(admin, request);
    } catch (ExecutionException refused) {
      return JSON.createObjectNode().put("fault", String.valueOf(refused.getCause()));
    }
  }

  private static JsonNode answer(org.apache.kafka.clients.admin.Admin admin, JsonNode request) throws Exception {
    String topic = request.path("topic").textValue();
    switch (request.path("do").asText()) {
      case "createTopic" -> {
        Map<String, String> settings = new HashMap<>();
        request.path("settings").fields().forEachRemaining(one -> settings.put(one.getKey(), one.getValue().textValue()));
        var created = new NewTopic(topic, Optional.of(request.get("partitions").intValue()), Optional.empty());
        admin.createTopics(List.of(created.configs(settings))).all().get();
      }
      case "deleteTopic" -> admin.deleteTopics(List.of(topic)).all().get();
      case "addPartitions" -> {
        var total = NewPartitions.increaseTo(request.get("total").intValue());
        admin.createPartitions(Map.of(topic, total)).all().get();
      }
      case "deleteRecords" -> {
        var before = RecordsToDelete.beforeOffset(request.get("before").longValue());
        admin.deleteRecords(Map.of(partitionOf(request), before)).all().get();
      }
      case "offsets" -> {
        var partition = partitionOf(request);
        var first = admin.listOffsets(Map.of(partition, OffsetSpec.earliest())).partitionResult(partition).get();
        var end = admin.listOffsets(Map.of(partition, OffsetSpec.latest())).partitionResult(partition).get();
        return JSON.createObjectNode().put("first", first.offset()).put("end", end.offset());
      }
      case "allow" -> admin.createAcls(List.of(new AclBinding(resourceOf(request), entryOf(request)))).all().get();
      default -> throw new IllegalArgumentException("no such request: " + request);
    }
    return JSON.createObjectNode();
  }

  private static TopicPartition partitionOf(JsonNode request) {
    return new TopicPartition(request.get("topic").textValue(), request.get("partition").intValue());
  }

  private static ResourcePattern resourceOf(JsonNode request) {
    var type = ResourceType.valueOf(request.get("type").textValue());
    return new ResourcePattern(type, request.get("name").textValue(), PatternType.LITERAL);
  }

  private static AccessControlEntry entryOf(JsonNode request) {
    var operation = AclOperation.valueOf(request.get("operation").textValue());
    return new AccessControlEntry("User:" + request.get("user").textValue(), "*", operation, AclPermissionType.ALLOW);
  }
}
