import java.io.FileInputStream;
import java.io.InputStream;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.tools.StorageTool;
import org.apache.kafka.common.utils.Time;

/**
 * A broker in one process: formats its folder when it is new, starts, prints one line and serves until it is told to
 * end. Arguments: the server.properties, then those of `kafka-storage format`.
 */
public final class Broker {
  public static void main(String[] args) throws Exception {
    String[] format = new String[args.length + 4];
    format[0] = "format";
    format[1] = "--standalone";
    format[2] = "--ignore-formatted";
    format[3] = "--config";
    System.arraycopy(args, 0, format, 4, args.length);
    if (StorageTool.execute(format, System.err) != 0) System.exit(1);
    Properties properties = new Properties();
    try (InputStream file = new FileInputStream(args[0])) {
      properties.load(file);
    }
    KafkaRaftServer server = new KafkaRaftServer(KafkaConfig.fromProps(properties, false), Time.SYSTEM);
    Runtime.getRuntime().addShutdownHook(new Thread(server::shutdown));
    try {
      server.startup();
    } catch (Throwable fault) {
      fault.printStackTrace();
      System.exit(1);
    }
    System.out.println("ready");
    server.awaitShutdown();
  }
}
