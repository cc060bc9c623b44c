// Requests of http that a proxy forwards.
import { HttpProxyAgent } from 'http-proxy-agent';

type Request = Parameters<HttpProxyAgent<string>['setRequestProps']>[0];
type Target = Parameters<HttpProxyAgent<string>['setRequestProps']>[1];

/**
 * The library reads the address from the path and the header `host`: a path such as `//v1/items` would become another host, which would get
 * the credentials. Here it is that of the connection.
 */
export class Forward extends HttpProxyAgent<string> {
  override setRequestProps(request: Request, options: Target): void {
    const host = options.host?.includes(':') ? `[${options.host}]` : options.host;
    if (request.path.startsWith('/')) request.path = `http://${host}${request.path}`;
    super.setRequestProps(request, options);
  }
}
