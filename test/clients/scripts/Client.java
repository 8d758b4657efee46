import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Base64;
import java.util.Set;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;

/** Reads a request a line and writes a reply a line, as client-process.ts speaks of. */
class Client {
  // What java.net.http sets by itself and refuses to take.
  static final Set<String> OWN = Set.of("host", "content-length");
  static final AwsV4HttpSigner SIGNER = AwsV4HttpSigner.create();
  static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  static final AwsCredentialsIdentity IDENTITY =
      AwsCredentialsIdentity.create(System.getenv("AWS_ACCESS_KEY_ID"), System.getenv("AWS_SECRET_ACCESS_KEY"));

  static HttpResponse<byte[]> send(String[] fields) throws Exception {
    byte[] body = fields[2].equals("-") ? null : Base64.getDecoder().decode(fields[2]);
    var request = SdkHttpRequest.builder().method(SdkHttpMethod.fromValue(fields[0])).uri(URI.create(fields[1]));
    boolean unsigned = false;
    for (int index = 3; index < fields.length; index += 1) {
      String[] header = fields[index].split("=", 2);
      // The signer writes this header itself, and has a property for it.
      if (header[0].equalsIgnoreCase("x-amz-content-sha256")) unsigned = true;
      else request.putHeader(header[0], header[1]);
    }
    final boolean signsBody = !unsigned;
    var signed =
        SIGNER.sign(
            each -> {
              each.identity(IDENTITY)
                  .request(request.build())
                  .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, "execute-api")
                  .putProperty(AwsV4HttpSigner.REGION_NAME, System.getenv("AWS_REGION"))
                  .putProperty(AwsV4HttpSigner.PAYLOAD_SIGNING_ENABLED, signsBody);
              if (body != null) each.payload(ContentStreamProvider.fromByteArray(body));
            });
    var publisher = body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofByteArray(body);
    var sent = HttpRequest.newBuilder(signed.request().getUri()).method(fields[0], publisher);
    signed.request().headers().forEach((name, values) -> {
      if (!OWN.contains(name.toLowerCase())) values.forEach(value -> sent.header(name, value));
    });
    return HTTP.send(sent.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  public static void main(String[] arguments) throws Exception {
    var lines = new BufferedReader(new InputStreamReader(System.in));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      String status;
      byte[] text;
      try {
        var reply = send(line.split("\t", -1));
        status = String.valueOf(reply.statusCode());
        text = reply.body();
      } catch (Exception failed) {
        status = "ERROR";
        text = failed.toString().getBytes("UTF-8");
      }
      System.out.println(status + "\t" + Base64.getEncoder().encodeToString(text));
    }
  }
}
